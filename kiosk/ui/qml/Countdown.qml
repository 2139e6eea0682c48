// Only in the last seconds: the kiosk is about to start over.
import QtQuick

Rectangle {
    id: pill

    readonly property string sentence: bridge.screen.countdown ?? ""

    visible: sentence
    width: words.width + 56
    height: 52
    radius: 26
    color: bridge.theme.ink

    Words {
        id: words
        anchors.centerIn: parent
        text: pill.sentence
        color: bridge.theme.hint
        size: 28
        weight: Font.Medium
    }
}
