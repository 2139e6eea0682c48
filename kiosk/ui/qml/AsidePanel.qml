// Beside the preview: a greeting, or how this machine looks at people; trouble goes first.
import QtQuick

Item {
    id: panel

    readonly property var aside: bridge.screen.aside
    readonly property var notice: bridge.screen.notice
    readonly property var denial: (bridge.screen.tiles ?? []).find(tile => tile.kind === "aside")

    // A greeting and a notice together leave room for the name alone.
    readonly property bool full: deny.visible && trouble.visible
    readonly property bool greets: greeting.height > 0

    Column {
        id: greeting
        width: parent.width
        spacing: 0

        Words {
            width: parent.width
            visible: text && !panel.full && !(stage.larger && deny.visible)
            text: panel.aside ? panel.aside.label : ""
            color: bridge.theme.muted
            size: 38
        }
        Words {
            width: parent.width
            visible: text
            text: panel.aside ? panel.aside.title : ""
            size: panel.full ? 48 : 58
            least: 36
            lineHeight: 0.95
            weight: Font.Bold
            fontSizeMode: Text.HorizontalFit
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            visible: text && !panel.full
            text: panel.aside ? panel.aside.detail : ""
            color: bridge.theme.muted
            size: 38
        }
    }

    Pickable {
        id: deny
        option: panel.denial ? panel.denial.id : ""
        enabled: panel.denial !== undefined
        visible: enabled
        y: greeting.height + (panel.full ? 2 : 10)
        width: Math.min(panel.width, 400)
        height: panel.full ? 62 : stage.portrait ? 80 : 72

        Rectangle {
            anchors.fill: parent
            radius: height / 2
            color: deny.warm ? bridge.theme.warm : bridge.theme.card
            border.width: deny.warm ? 6 : 3
            border.color: deny.warm ? bridge.theme.accent : bridge.theme.muted
        }
        Words {
            anchors.fill: parent
            text: panel.denial ? panel.denial.title : ""
            size: 38
            weight: Font.DemiBold
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
        room: parent.height - (panel.full ? deny.y + deny.height + 8 : 0)
    }

    AiNote {
        visible: !trouble.visible && text
        y: panel.greets ? panel.height - height : (panel.height - height) / 2
        width: parent.width
        text: panel.aside ? panel.aside.note : ""
        small: panel.greets
    }
}
