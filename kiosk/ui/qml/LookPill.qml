// How the screen looks: chosen like everything else, by hand, touch or its key.
import QtQuick

Pickable {
    id: pill

    required property var entry

    option: entry.id
    digit: entry.digit

    Rectangle {
        anchors.fill: parent
        radius: height / 2
        color: pill.warm ? bridge.theme.warm : bridge.theme.card
        border.width: pill.warm ? 7 : pill.entry.chosen ? 5 : 2
        border.color: pill.warm || pill.entry.chosen ? bridge.theme.accent : bridge.theme.muted
    }
    Disc {
        id: disc
        x: 14
        anchors.verticalCenter: parent.verticalCenter
        size: 54
        digit: pill.entry.digit
        chosen: pill.warm || pill.entry.chosen
    }
    Words {
        x: disc.x + disc.width + 8
        width: pill.width - x - 16
        height: pill.height
        text: pill.entry.title
        size: 32
        weight: Font.DemiBold
        fontSizeMode: Text.HorizontalFit
        maximumLineCount: 1
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
    }
}
