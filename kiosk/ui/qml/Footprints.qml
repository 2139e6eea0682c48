import QtQuick

Item {
    id: feet

    property real unit: 1

    width: 96 * unit
    height: 88 * unit

    Repeater {
        model: [-1, 1]
        Item {
            required property int modelData
            x: (modelData < 0 ? 6 : 54) * feet.unit
            width: 36 * feet.unit
            height: feet.height
            rotation: modelData * 9

            Rectangle { width: parent.width; height: 52 * feet.unit; radius: width / 2; color: bridge.theme.band; antialiasing: true }
            Rectangle { x: 5 * feet.unit; y: 57 * feet.unit; width: 26 * feet.unit; height: 30 * feet.unit; radius: width / 2; color: bridge.theme.band; antialiasing: true }
        }
    }
}
