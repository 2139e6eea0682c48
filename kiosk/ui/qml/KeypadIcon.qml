import QtQuick

Grid {
    id: keypad

    property real unit: 1

    columns: 3
    spacing: 4 * unit
    Repeater {
        model: 9
        Rectangle {
            width: 11 * keypad.unit
            height: width
            radius: 3 * keypad.unit
            color: bridge.theme.ink
        }
    }
}
