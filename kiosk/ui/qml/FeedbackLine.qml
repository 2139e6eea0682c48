// One line under the preview: what the machine sees of you.
import QtQuick

Rectangle {
    id: line

    readonly property var feedback: bridge.screen.feedback
    readonly property color tone: feedback && feedback.tone === "good" ? bridge.theme.good : bridge.theme.hint

    height: words.height + 18
    radius: 30
    color: bridge.theme.shade

    Rectangle {
        id: dot
        x: Math.max(14, words.x + (words.width - words.contentWidth) / 2 - 30)
        anchors.verticalCenter: parent.verticalCenter
        width: 18
        height: 18
        radius: 9
        color: line.tone
    }

    Words {
        id: words
        x: 40
        width: line.width - 50
        anchors.verticalCenter: parent.verticalCenter
        text: line.feedback ? line.feedback.text : ""
        color: line.tone
        size: 32
        lineHeight: 0.92
        weight: Font.DemiBold
        horizontalAlignment: Text.AlignHCenter
    }
}
