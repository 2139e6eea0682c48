// Beside the preview: a greeting, or how this machine looks at people; trouble goes first.
import QtQuick

Item {
    id: panel

    readonly property var aside: bridge.screen.aside
    readonly property var notice: bridge.screen.notice
    readonly property var asides: (bridge.screen.tiles ?? []).filter(tile => tile.kind === "aside")

    // A greeting and a notice together leave room for the name alone.
    readonly property bool full: greets && choices.visible && trouble.visible
    readonly property bool greets: greeting.height > 0
    // Beside a landscape's preview two choices in larger type have no room in one row.
    readonly property bool stacked: greets && stage.larger && !stage.portrait && asides.length > 1 && !full

    Column {
        id: greeting
        width: parent.width
        spacing: 0

        Words {
            width: parent.width
            visible: text && !panel.full && !(stage.larger && choices.visible)
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
            visible: text && !panel.full && !panel.stacked
            text: panel.aside ? panel.aside.detail : ""
            color: bridge.theme.muted
            size: 38
        }
    }

    // "Not me" and "forget me" of the greeted; of everybody else, the way to their data.
    Grid {
        id: choices
        readonly property bool below: panel.greets
        visible: panel.asides.length > 0 && (below || !trouble.visible)
        y: below ? greeting.height + (panel.full || panel.stacked ? 2 : 10) : panel.height - height
        columns: panel.stacked ? 1 : 2
        spacing: panel.full || panel.stacked ? 8 : 14
        // Where they are on the stage changes with the row, of which they do not hear.
        onYChanged: stage.moved()

        Repeater {
            model: choices.visible ? panel.asides : []
            Pickable {
                id: choice
                required property var modelData
                option: modelData.id
                // As wide as its words ask for, together no wider than the panel.
                width: panel.stacked ? panel.width : Math.min(400, (panel.width - choices.spacing * (panel.asides.length - 1))
                    * (modelData.title.length + 2) / panel.asides.reduce((sum, tile) => sum + tile.title.length + 2, 0))
                height: panel.full || panel.stacked ? 62 : stage.portrait ? 80 : 72

                Rectangle {
                    anchors.fill: parent
                    radius: height / 2
                    color: choice.warm ? bridge.theme.warm : bridge.theme.card
                    border.width: choice.warm ? 6 : 3
                    border.color: choice.warm ? bridge.theme.accent : bridge.theme.muted
                }
                Words {
                    x: panel.full ? 8 : 14
                    width: parent.width - 2 * x
                    height: parent.height
                    text: choice.modelData.title
                    size: 40
                    least: 28
                    fontSizeMode: Text.HorizontalFit
                    maximumLineCount: 1
                    weight: Font.DemiBold
                    horizontalAlignment: Text.AlignHCenter
                    verticalAlignment: Text.AlignVCenter
                }
            }
        }
    }

    NoticeCard {
        id: trouble
        anchors.bottom: parent.bottom
        width: parent.width
        notice: panel.notice
        tight: panel.full
        room: parent.height - (panel.full ? choices.y + choices.height + 8 : 0)
    }

    AiNote {
        visible: !trouble.visible && text
        y: panel.greets ? panel.height - height
            : choices.visible ? Math.max(0, (choices.y - height) / 2) : (panel.height - height) / 2
        width: parent.width
        text: panel.aside ? panel.aside.note : ""
        small: panel.greets || (stage.larger && choices.visible)
    }
}
