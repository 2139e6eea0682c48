// Done, doing, to do, or in trouble.
import QtQuick
import QtQuick.Shapes

Rectangle {
    id: disc

    property string progress: "done"
    property real size: 72

    width: size
    height: size
    radius: size / 2
    color: progress === "done" ? bridge.theme.inform : "transparent"
    border.width: progress === "done" ? 0 : size / 12
    border.color: progress === "doing" ? bridge.theme.accent : bridge.theme.rule

    Shape {
        anchors.fill: parent
        visible: disc.progress === "done"
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            fillColor: "transparent"
            strokeColor: bridge.theme.card
            strokeWidth: disc.size / 10
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            startX: disc.size * 0.28
            startY: disc.size * 0.52
            PathLine { x: disc.size * 0.44; y: disc.size * 0.68 }
            PathLine { x: disc.size * 0.73; y: disc.size * 0.35 }
        }
    }
    Rectangle {
        anchors.centerIn: parent
        visible: disc.progress === "doing"
        width: disc.size / 3
        height: width
        radius: width / 2
        color: bridge.theme.accent

        SequentialAnimation on scale {
            running: bridge.theme.moves && disc.progress === "doing"
            loops: Animation.Infinite
            NumberAnimation { to: 1.5; duration: 600; easing.type: Easing.InOutSine }
            NumberAnimation { to: 1; duration: 600; easing.type: Easing.InOutSine }
        }
    }
}
