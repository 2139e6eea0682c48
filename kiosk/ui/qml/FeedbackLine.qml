// One line under the preview: what the machine sees of you.
import QtQuick

Rectangle {
    id: line

    readonly property var feedback: bridge.screen.feedback
    readonly property color tone: feedback && feedback.tone === "good" ? bridge.theme.good : bridge.theme.hint

    height: words.lineCount > 1 ? 84 : 56
    radius: 28
    color: bridge.theme.shade

    Rectangle {
        id: dot
        x: Math.max(16, words.x + (words.width - words.contentWidth) / 2 - 28)
        anchors.verticalCenter: parent.verticalCenter
        width: 18
        height: 18
        radius: 9
        color: line.tone
    }

    Words {
        id: words
        x: 44
        width: line.width - 60
        anchors.verticalCenter: parent.verticalCenter
        text: line.feedback ? line.feedback.text : ""
        color: line.tone
        size: 26
        weight: Font.Medium
        maximumLineCount: 2
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
    }
}
