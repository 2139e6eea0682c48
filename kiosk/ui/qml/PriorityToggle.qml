// Whom the office serves first: choosing goes round the classes, then back to none.
import QtQuick

Pickable {
    id: toggle

    readonly property var entry: (bridge.screen.tiles ?? []).find(tile => tile.kind === "priority")
    readonly property bool claimed: entry !== undefined && entry.chosen

    option: entry ? entry.id : ""
    digit: entry ? entry.digit : null
    enabled: entry !== undefined
    visible: enabled
    height: Math.max(104, words.height + 20)

    Rectangle {
        anchors.fill: parent
        radius: 32
        color: toggle.warm || toggle.claimed ? bridge.theme.warm : "transparent"
        border.width: toggle.warm ? 8 : toggle.claimed ? 5 : 3
        border.color: toggle.warm || toggle.claimed ? bridge.theme.accent : bridge.theme.muted
    }

    Disc {
        id: disc
        x: 24
        anchors.verticalCenter: parent.verticalCenter
        digit: toggle.digit ?? 0
        chosen: toggle.warm || toggle.claimed
    }

    Column {
        id: words
        x: disc.x + disc.width + 18
        width: toggle.width - x - 28
        anchors.verticalCenter: parent.verticalCenter

        Words {
            width: parent.width
            text: toggle.entry ? toggle.entry.title : ""
            size: 40
            least: 30
            weight: Font.Bold
            fontSizeMode: Text.HorizontalFit
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            visible: !stage.larger
            text: toggle.entry ? toggle.entry.detail : ""
            color: bridge.theme.muted
            size: 28
            lineHeight: 0.95
        }
    }
}
