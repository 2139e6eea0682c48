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

        Words {
            anchors.centerIn: parent
            text: "AI"
            size: note.small ? 28 : 38
            weight: Font.Bold
            color: bridge.theme.inform
        }
    }
    Words {
        id: words
        x: disc.width + 24
        width: note.width - x
        anchors.verticalCenter: parent.verticalCenter
        text: note.text
        color: bridge.theme.muted
        size: note.small ? 26 : 32
    }
}
