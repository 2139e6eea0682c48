// A person behind a desk: somebody can help.
import QtQuick
import QtQuick.Shapes

Shape {
    id: desk

    property color colour: bridge.theme.ink

    preferredRendererType: Shape.CurveRenderer

    ShapePath {
        scale: Qt.size(desk.width / 44, desk.height / 44)
        fillColor: desk.colour
        strokeWidth: -1
        PathSvg { path: "M22 4 A8 8 0 1 1 21.9 4 Z M9 30 C9 22 14 19 22 19 C30 19 35 22 35 30 Z M2 32 L42 32 L42 37 L40 37 L40 42 L4 42 L4 37 L2 37 Z" }
    }
}
