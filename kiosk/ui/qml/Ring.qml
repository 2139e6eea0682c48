// An arc that fills clockwise from the top, around its own position.
import QtQuick
import QtQuick.Shapes

Shape {
    id: ring

    property real share: 0
    property real reach: 63
    property real thickness: 14

    preferredRendererType: Shape.CurveRenderer

    ShapePath {
        fillColor: "transparent"
        strokeColor: ring.share > 0 ? bridge.theme.band : "transparent"
        strokeWidth: ring.thickness
        capStyle: ShapePath.RoundCap
        PathAngleArc {
            radiusX: ring.reach
            radiusY: ring.reach
            startAngle: -90
            sweepAngle: 360 * ring.share
        }
    }
}
