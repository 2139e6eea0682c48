import QtQuick

Item {
    id: feet

    width: 96
    height: 88

    Repeater {
        model: [-1, 1]
        Item {
            required property int modelData
            x: modelData < 0 ? 6 : 54
            width: 36
            height: 88
            rotation: modelData * 9

            Rectangle { width: 36; height: 52; radius: 18; color: bridge.theme.band; antialiasing: true }
            Rectangle { x: 5; y: 57; width: 26; height: 30; radius: 13; color: bridge.theme.band; antialiasing: true }
        }
    }
}
