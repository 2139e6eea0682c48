// Beside the preview: a greeting, or how this machine looks at people; trouble goes first.
import QtQuick

Item {
    id: panel

    readonly property var aside: bridge.screen.aside
    readonly property var notice: bridge.screen.notice
    readonly property var denial: (bridge.screen.tiles ?? []).find(tile => tile.kind === "aside")

    // A greeting and a notice together leave room for the name alone.
    readonly property bool full: deny.visible && trouble.visible

    Column {
        id: greeting
        width: parent.width
        spacing: 2

        Words {
            width: parent.width
            visible: text && !panel.full
            text: panel.aside ? panel.aside.label : ""
            color: bridge.theme.muted
            size: 36
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            visible: text
            text: panel.aside ? panel.aside.title : ""
            size: 56
            weight: Font.Bold
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: 36
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            visible: text && !panel.full
            text: panel.aside ? panel.aside.detail : ""
            color: bridge.theme.muted
            size: 34
            maximumLineCount: 2
        }
    }

    Pickable {
        id: deny
        option: panel.denial ? panel.denial.id : ""
        enabled: panel.denial !== undefined
        visible: enabled
        y: greeting.height + (panel.full ? 4 : 12)
        width: Math.min(panel.width, 340)
        height: panel.full ? 64 : 76

        Rectangle {
            anchors.fill: parent
            radius: height / 2
            color: deny.warm ? bridge.theme.warm : "transparent"
            border.width: deny.warm ? 6 : 3
            border.color: deny.warm ? bridge.theme.accent : bridge.theme.muted
        }
        Words {
            anchors.fill: parent
            text: panel.denial ? panel.denial.title : ""
            size: 34
            weight: Font.Medium
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
        }
    }

    NoticeCard {
        id: trouble
        anchors.bottom: parent.bottom
        width: parent.width
        notice: panel.notice
        tight: panel.full
    }

    AiNote {
        visible: !trouble.visible && text
        y: deny.visible || greeting.height > 0 ? panel.height - height : (panel.height - height) / 2
        width: parent.width
        text: panel.aside ? panel.aside.note : ""
        small: deny.visible
    }
}
