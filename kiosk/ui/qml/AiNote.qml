// In plain words: you are dealing with an AI system, and this is what it does.
import QtQuick

Item {
    id: note

    property string text: ""
    property bool small: false

    height: Math.max(words.height, disc.height)

    Rectangle {
        id: disc
        width: note.small ? 60 : 84
        height: width
        radius: width / 2
        color: "transparent"
        border.width: 4
        border.color: bridge.theme.inform
        anchors.verticalCenter: parent.verticalCenter

        Text {
            anchors.centerIn: parent
            text: "AI"
            font.family: bridge.theme.font
            font.pixelSize: note.small ? 32 : 40
            font.weight: Font.Bold
            color: bridge.theme.inform
        }
    }
    Words {
        id: words
        x: disc.width + (note.small ? 16 : 24)
        width: note.width - x
        anchors.verticalCenter: parent.verticalCenter
        text: note.text
        color: bridge.theme.muted
        size: note.small ? (stage.larger ? 26 : 27) : stage.larger ? 30 : 34
        lineHeight: 0.95
    }
}
