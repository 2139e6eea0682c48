// One picture of the lesson; played runs from 0 to 1.
import QtQuick

Item {
    id: scene

    property string picture: ""
    property real played: 1
    readonly property real unit: Math.min(width / 115, height / 100)
    readonly property real eased: 1 - Math.pow(1 - Math.min(1, played * 1.6), 3)

    // Feet that step onto the mark.
    Rectangle {
        visible: scene.picture === "feet"
        anchors.centerIn: parent
        width: 88 * scene.unit
        height: width
        radius: width / 2
        color: "transparent"
        border.width: 3 * scene.unit
        border.color: bridge.theme.accent
    }
    Footprints {
        visible: scene.picture === "feet"
        unit: 0.58 * scene.unit
        x: (scene.width - width) / 2
        y: (scene.height - height) / 2 + (1 - scene.eased) * 40 * scene.unit
    }

    // A person raises an open hand beside the head.
    Person {
        visible: scene.picture === "palm"
        x: scene.width / 2 - 44 * scene.unit
        y: scene.height - height
        unit: scene.unit
    }
    HandIcon {
        visible: scene.picture === "palm"
        width: 44 * scene.unit
        height: 52 * scene.unit
        x: scene.width / 2 + 10 * scene.unit
        y: (4 + 44 * (1 - scene.eased)) * scene.unit
        colour: bridge.theme.band
    }

    // A finger on a tile, holding still until the ring is full.
    Rectangle {
        visible: scene.picture === "point"
        x: (scene.width - width) / 2
        y: 2 * scene.unit
        width: 100 * scene.unit
        height: 52 * scene.unit
        radius: 9 * scene.unit
        color: bridge.theme.warm
        border.width: 3 * scene.unit
        border.color: bridge.theme.accent

        Rectangle {
            x: 8 * scene.unit
            y: 8 * scene.unit
            width: 17 * scene.unit
            height: width
            radius: width / 2
            color: bridge.theme.accent
        }
        Rectangle {
            x: 31 * scene.unit
            y: 12 * scene.unit
            width: 46 * scene.unit
            height: 8 * scene.unit
            radius: height / 2
            color: bridge.theme.rule
        }
    }
    HandIcon {
        visible: scene.picture === "point" || scene.picture === "touch"
        width: 50 * scene.unit
        height: 59 * scene.unit
        x: scene.width / 2 - 18 * scene.unit
        y: (39 + 22 * (1 - scene.eased)) * scene.unit
        raised: [false, true, false, false, false]
    }
    Ring {
        visible: scene.picture === "point"
        x: scene.width / 2
        y: (46 + 22 * (1 - scene.eased)) * scene.unit
        reach: 20 * scene.unit
        thickness: 5 * scene.unit
        share: Math.max(0, Math.min(1, (scene.played - 0.35) / 0.6))
    }

    // A finger on a screen; a keypad.
    Rectangle {
        visible: scene.picture === "touch"
        x: (scene.width - width) / 2
        y: 2 * scene.unit
        width: 84 * scene.unit
        height: 56 * scene.unit
        radius: 6 * scene.unit
        color: "transparent"
        border.width: 4 * scene.unit
        border.color: bridge.theme.ink
    }
    KeypadIcon {
        visible: scene.picture === "keypad"
        anchors.centerIn: parent
        unit: 2.1 * scene.unit
    }
}
