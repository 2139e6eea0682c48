// The number of raised fingers (and the keypad digit) that chooses a tile.
import QtQuick
import QtQuick.Shapes

Rectangle {
    id: disc

    property int digit: 0
    property bool chosen: false
    property bool more: false
    property bool spent: false

    width: 72
    height: 72
    radius: 36
    color: chosen ? bridge.theme.accent : spent ? bridge.theme.muted : bridge.theme.band

    Behavior on color {
        enabled: bridge.theme.moves
        ColorAnimation { duration: 200 }
    }

    Words {
        anchors.centerIn: parent
        text: disc.digit
        size: 42
        weight: Font.Bold
        color: disc.chosen ? bridge.theme.on_accent : bridge.theme.on_band
    }

    // An arrow beside the digit: there is more behind this tile.
    Shape {
        visible: disc.more
        x: disc.width - 20
        y: disc.height - 22
        width: 28
        height: 28
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            fillColor: bridge.theme.card
            strokeColor: disc.color
            strokeWidth: 3
            PathSvg { path: "M 14 1 A 13 13 0 1 0 14 27 A 13 13 0 1 0 14 1 Z" }
        }
        ShapePath {
            fillColor: "transparent"
            strokeColor: bridge.theme.ink
            strokeWidth: 4
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: "M 12 8 L 18 14 L 12 20" }
        }
    }
}
