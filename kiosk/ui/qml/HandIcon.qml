// A hand out of capsules; raised says which of thumb … little finger stand up. Sizes are computed
// rather than scaled: the software renderer draws scaled round corners with steps.
import QtQuick

Item {
    id: hand

    property var raised: [true, true, true, true, true]
    property color colour: bridge.theme.ink
    readonly property real unit: Math.min(width / 44, height / 52)

    Repeater {
        model: [{ x: 13, up: 5 }, { x: 20.5, up: 1 }, { x: 28, up: 4 }, { x: 35.5, up: 11 }]
        Rectangle {
            required property var modelData
            required property int index
            readonly property real tip: hand.raised[index + 1] ? modelData.up : 21
            x: modelData.x * hand.unit
            y: tip * hand.unit
            width: 6.2 * hand.unit
            height: (36 - tip) * hand.unit
            radius: width / 2
            color: hand.colour
            antialiasing: true
        }
    }
    Rectangle {
        x: 13 * hand.unit
        y: 28 * hand.unit
        width: 28.7 * hand.unit
        height: 22 * hand.unit
        radius: 9 * hand.unit
        color: hand.colour
        antialiasing: true
    }
    Rectangle {
        x: (hand.raised[0] ? 6.5 : 10) * hand.unit
        y: (hand.raised[0] ? 20 : 26) * hand.unit
        width: 7 * hand.unit
        height: 22 * hand.unit
        radius: width / 2
        rotation: hand.raised[0] ? -38 : -18
        color: hand.colour
        antialiasing: true
    }
}
