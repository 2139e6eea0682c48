// Look here: an oval to meet with one's own face, above in the preview.
import QtQuick

Item {
    id: page

    Sheet {
        width: parent.width
        height: Math.min(720, parent.height)

        Rectangle {
            id: oval
            anchors.centerIn: parent
            width: 300
            height: 390
            radius: 150
            color: bridge.theme.warm
            border.width: 12
            border.color: bridge.theme.accent

            Rectangle { x: 84; y: 150; width: 26; height: 34; radius: 13; color: bridge.theme.ink }
            Rectangle { x: 190; y: 150; width: 26; height: 34; radius: 13; color: bridge.theme.ink }
            Rectangle { x: 100; y: 268; width: 100; height: 14; radius: 7; color: bridge.theme.ink }

            SequentialAnimation on border.color {
                running: bridge.theme.moves
                loops: Animation.Infinite
                ColorAnimation { to: bridge.theme.inform; duration: 900; easing.type: Easing.InOutSine }
                ColorAnimation { to: bridge.theme.accent; duration: 900; easing.type: Easing.InOutSine }
            }
        }
    }
}
