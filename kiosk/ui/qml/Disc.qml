// The number of raised fingers (and the keypad digit) that chooses something.
import QtQuick

Rectangle {
    id: disc

    property int digit: 0
    property bool chosen: false
    property bool spent: false
    property real size: 72

    width: size
    height: size
    radius: size / 2
    color: chosen ? bridge.theme.accent : spent ? bridge.theme.muted : bridge.theme.band

    Behavior on color {
        enabled: bridge.theme.moves
        ColorAnimation { duration: 200 }
    }

    Text {
        anchors.centerIn: parent
        text: disc.digit
        font.family: bridge.theme.font
        font.pixelSize: Math.round(disc.size * 0.6)
        font.weight: Font.Bold
        color: disc.chosen ? bridge.theme.on_accent : bridge.theme.on_band
    }
}
