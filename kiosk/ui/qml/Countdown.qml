// Only in the last seconds: the kiosk is about to start over.
import QtQuick

Rectangle {
    id: pill

    readonly property string sentence: bridge.screen.countdown ?? ""

    visible: sentence
    width: words.width + 64
    height: Math.round(56 * stage.zoom)
    radius: height / 2
    color: bridge.theme.accent

    Words {
        id: words
        anchors.centerIn: parent
        text: pill.sentence
        color: bridge.theme.on_accent
        size: 34
        weight: Font.DemiBold
    }
}
