// Look here: a face that looks straight out, and nods to the camera above.
import QtQuick

Item {
    id: page

    Sheet {
        width: parent.width
        height: Math.min(720, parent.height)

        Rectangle {
            id: oval
            anchors.centerIn: parent
            width: 330
            height: 430
            radius: 165
            color: bridge.theme.warm
            border.width: 14
            border.color: bridge.theme.accent

            Rectangle { x: 92; y: 165; width: 30; height: 38; radius: 15; color: bridge.theme.ink }
            Rectangle { x: 208; y: 165; width: 30; height: 38; radius: 15; color: bridge.theme.ink }
            Rectangle { x: 110; y: 296; width: 110; height: 16; radius: 8; color: bridge.theme.ink }

            SequentialAnimation on border.color {
                running: bridge.theme.moves
                loops: Animation.Infinite
                ColorAnimation { to: bridge.theme.inform; duration: 900; easing.type: Easing.InOutSine }
                ColorAnimation { to: bridge.theme.accent; duration: 900; easing.type: Easing.InOutSine }
            }
        }
    }
}
