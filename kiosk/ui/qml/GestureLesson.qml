// A hand that rises, points at a tile and holds still until the ring is full; footprints below.
import QtQuick
import QtQuick.Shapes

Sheet {
    id: lesson

    readonly property real tileWidth: (width - 4 * 48) / 3
    readonly property real tileHeight: Math.min(190, height * 0.38)
    property real fill: 0.7
    property real lift: 1

    clip: true

    Repeater {
        model: 3
        Rectangle {
            required property int index
            readonly property bool aimed: index === 1 && lesson.fill > 0
            x: 48 + index * (lesson.tileWidth + 48)
            y: 44
            width: lesson.tileWidth
            height: lesson.tileHeight
            radius: 24
            color: aimed ? bridge.theme.warm : bridge.theme.paper
            border.width: aimed ? 6 : 2
            border.color: aimed ? bridge.theme.accent : bridge.theme.rule

            Rectangle { x: 22; y: 22; width: 44; height: 44; radius: 22
                        color: parent.aimed ? bridge.theme.accent : bridge.theme.band }
            Rectangle { x: 82; y: 35; width: parent.width - 120; height: 18; radius: 9
                        color: bridge.theme.rule }
            Rectangle { x: 22; y: 88; width: parent.width - 70; height: 14; radius: 7
                        color: bridge.theme.rule; visible: parent.height > 130 }
        }
    }

    HandIcon {
        id: hand
        width: 150
        height: 178
        raised: [false, true, false, false, false]
        colour: bridge.theme.ink
        x: lesson.width / 2 - 54
        y: 44 + lesson.tileHeight * 0.66 + (1 - lesson.lift) * 130
    }

    Shape {
        x: hand.x + 54
        y: hand.y + 22
        visible: lesson.fill > 0
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            fillColor: "transparent"
            strokeColor: bridge.theme.band
            strokeWidth: 11
            capStyle: ShapePath.RoundCap
            PathAngleArc { radiusX: 46; radiusY: 46; startAngle: -90; sweepAngle: 360 * lesson.fill }
        }
    }

    Row {
        anchors.horizontalCenter: parent.horizontalCenter
        y: lesson.height - height - 28
        spacing: 28
        Footprints { anchors.verticalCenter: parent.verticalCenter }
        Words {
            height: 88
            text: bridge.screen.caption ?? ""
            size: 36
            weight: Font.DemiBold
            verticalAlignment: Text.AlignVCenter
        }
    }

    SequentialAnimation {
        running: bridge.theme.moves
        loops: Animation.Infinite
        PropertyAction { target: lesson; property: "fill"; value: 0 }
        NumberAnimation { target: lesson; property: "lift"; from: 0; to: 1; duration: 900; easing.type: Easing.OutCubic }
        PauseAnimation { duration: 300 }
        NumberAnimation { target: lesson; property: "fill"; from: 0; to: 1; duration: 1100 }
        PauseAnimation { duration: 900 }
    }
}
