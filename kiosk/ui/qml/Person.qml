// Head and shoulders.
import QtQuick
import QtQuick.Shapes

Shape {
    id: person

    property real unit: 1
    property color colour: bridge.theme.ink

    width: 60 * unit
    height: 78 * unit
    preferredRendererType: Shape.CurveRenderer

    ShapePath {
        scale: Qt.size(person.unit, person.unit)
        fillColor: person.colour
        strokeWidth: -1
        PathSvg { path: "M30 2 A16 17 0 1 1 29.9 2 Z M2 78 C2 52 12 42 30 42 C48 42 58 52 58 78 Z" }
    }
}
