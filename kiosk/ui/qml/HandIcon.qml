// A hand out of capsules; raised says which of thumb … little finger stand up.
import QtQuick

Item {
    id: hand

    property var raised: [true, true, true, true, true]
    property color colour: bridge.theme.ink
    readonly property real unit: Math.min(width / 44, height / 52)

    Item {
        width: 44
        height: 52
        anchors.centerIn: parent
        scale: hand.unit

        Repeater {
            model: [{ x: 13, up: 5 }, { x: 20.5, up: 1 }, { x: 28, up: 4 }, { x: 35.5, up: 11 }]
            Rectangle {
                required property var modelData
                required property int index
                readonly property bool up: hand.raised[index + 1]
                x: modelData.x
                y: up ? modelData.up : 21
                width: 6.5
                height: 38 - y
                radius: 3.25
                color: hand.colour
                antialiasing: true
            }
        }
        Rectangle {
            x: 13
            y: 26
            width: 29
            height: 24
            radius: 9
            color: hand.colour
            antialiasing: true
        }
        Rectangle {
            x: hand.raised[0] ? 6.5 : 10
            y: hand.raised[0] ? 20 : 26
            width: 7
            height: 22
            radius: 3.5
            rotation: hand.raised[0] ? -38 : -18
            color: hand.colour
            antialiasing: true
        }
    }
}
