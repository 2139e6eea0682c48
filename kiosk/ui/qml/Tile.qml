// A choice with its digit in a disc, a name, one line of detail and how many people wait. One
// with nothing behind it today is pale.
import QtQuick

Pickable {
    id: tile

    required property var entry
    readonly property bool refusing: entry.kind === "no"
    readonly property bool spent: entry.spent

    option: entry.id
    digit: entry.digit
    grave: entry.grave

    Rectangle {
        anchors.fill: parent
        anchors.topMargin: 4
        anchors.bottomMargin: -4
        radius: 32
        color: bridge.theme.rule
        opacity: 0.55
    }

    Rectangle {
        anchors.fill: parent
        radius: 32
        color: tile.warm ? bridge.theme.warm
                         : tile.refusing || tile.spent ? bridge.theme.paper : bridge.theme.card
        border.color: tile.warm ? bridge.theme.accent
                                : tile.refusing ? bridge.theme.muted : bridge.theme.rule
        border.width: tile.warm ? 7 : tile.refusing ? 3 : 2

        Behavior on color {
            enabled: bridge.theme.moves
            ColorAnimation { duration: 200; easing.type: Easing.OutCubic }
        }
    }

    Disc {
        id: disc
        x: 28
        readonly property bool alone: !tile.entry.detail && !tile.entry.waiting
        y: alone ? (tile.height - height) / 2 : Math.min(26, (tile.height - height) / 2)
        visible: tile.entry.digit !== null
        digit: tile.entry.digit ?? 0
        more: tile.entry.kind === "more"
        chosen: tile.warm
        spent: tile.spent
    }

    Words {
        id: title
        x: disc.visible ? disc.x + disc.width + 20 : 28
        y: detail.text || waiting.text ? disc.y + disc.height / 2 - height / 2 : (tile.height - height) / 2
        width: tile.width - x - 24
        height: detail.text || waiting.text ? Math.min(implicitHeight, disc.height + 28) : tile.height - 32
        text: tile.entry.title
        color: tile.spent ? bridge.theme.muted : bridge.theme.ink
        size: 44
        weight: Font.DemiBold
        fontSizeMode: oneLine ? Text.HorizontalFit : Text.Fit
        minimumPixelSize: 30
        lineHeight: 0.95
        maximumLineCount: oneLine ? 1 : 2
        verticalAlignment: Text.AlignVCenter
        readonly property bool oneLine: narrow.advanceWidth <= width

        // A name that is a little too long shrinks before it breaks.
        TextMetrics {
            id: narrow
            font.family: title.font.family
            font.weight: title.font.weight
            font.pixelSize: 36
            text: tile.entry.title
        }
    }

    Words {
        id: detail
        x: 28
        y: Math.max(disc.y + disc.height, title.y + title.height) + 16
        width: tile.width - 56
        height: (waiting.text ? waiting.y - 8 : tile.height - 20) - y
        text: tile.entry.detail
        color: bridge.theme.muted
        size: 30
        fontSizeMode: Text.Fit
        minimumPixelSize: 26
        maximumLineCount: 2
    }

    Words {
        id: waiting
        x: 28
        y: tile.height - height - 24
        width: tile.width - 56
        text: tile.entry.waiting
        color: tile.spent ? bridge.theme.muted : bridge.theme.inform
        size: 30
        weight: Font.DemiBold
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: 26
        maximumLineCount: 1
    }
}
