// Where the hand points. The ring belongs to the pointer, not to the tile.
import QtQuick

Item {
    id: pointer

    property real shown: bridge.progress

    x: bridge.pointerX
    y: bridge.pointerY
    z: 10
    visible: bridge.pointing

    // Frames come 15 times a second, the display draws 60: glide from one to the next.
    Behavior on x { enabled: bridge.theme.moves && pointer.visible; SmoothedAnimation { velocity: -1; duration: 70 } }
    Behavior on y { enabled: bridge.theme.moves && pointer.visible; SmoothedAnimation { velocity: -1; duration: 70 } }
    Behavior on shown { enabled: bridge.theme.moves && pointer.visible; NumberAnimation { duration: 70 } }

    Rectangle {
        x: -70
        y: -70
        width: 140
        height: 140
        radius: 70
        color: "#33FFFFFF"
        border.width: 14
        border.color: bridge.armed ? "#8CB9AF9F" : "#4DB9AF9F"
        antialiasing: true
    }

    Ring { share: pointer.shown }

    Rectangle {
        x: -17
        y: -17
        width: 34
        height: 34
        radius: 17
        color: bridge.armed ? bridge.theme.band : bridge.theme.muted
        border.width: 3
        border.color: bridge.theme.card
        antialiasing: true
    }
}
