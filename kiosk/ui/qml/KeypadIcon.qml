import QtQuick

Grid {
    columns: 3
    spacing: 4
    Repeater {
        model: 9
        Rectangle {
            width: 11
            height: 11
            radius: 3
            color: bridge.theme.ink
        }
    }
}
