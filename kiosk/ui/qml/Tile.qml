// A choice with its digit in a disc, a name, and what helps to choose: examples, how many people
// wait, a picture and the letter of its numbers. In larger type the examples make room. One with
// nothing behind it today is pale.
import QtQuick

Pickable {
    id: tile

    required property var entry
    readonly property bool refusing: entry.kind === "no"
    readonly property bool spent: entry.spent
    readonly property real edge: height < 240 ? 12 : 20
    // In larger type the wait may take two lines, beside the picture.
    readonly property bool roomy: stage.larger && height > 215
    readonly property bool bare: !detail.text && !waiting.text

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
        border.width: tile.warm ? 8 : tile.refusing ? 3 : 2

        Behavior on color {
            enabled: bridge.theme.moves
            ColorAnimation { duration: 200; easing.type: Easing.OutCubic }
        }
    }

    Disc {
        id: disc
        x: 24
        y: tile.bare ? (tile.height - height) / 2 : tile.edge
        visible: (tile.entry.digit ?? null) !== null
        digit: tile.entry.digit ?? 0
        chosen: tile.warm
        spent: tile.spent
    }

    Words {
        id: title
        readonly property real room: tile.bare ? tile.height - 32
            : Math.min(112 * stage.zoom, (waiting.text ? waiting.y : tile.height - 16) - 12 - (detail.visible ? 56 : 0))
        x: disc.visible ? disc.x + disc.width + 18 : 28
        y: tile.bare ? 16 : Math.max(8, tile.edge + disc.height / 2 - height / 2)
        width: tile.width - x - 20
        height: tile.bare ? room : Math.max(72, Math.min(natural.implicitHeight, room))
        text: tile.entry.title
        color: tile.spent ? bridge.theme.muted : bridge.theme.ink
        size: natural.size
        least: stage.larger ? 34 : 40
        weight: Font.Bold
        lineHeight: 0.9
        fontSizeMode: natural.one ? Text.HorizontalFit : Text.Fit
        maximumLineCount: natural.one ? 1 : 2
        verticalAlignment: Text.AlignVCenter
    }
    // How high the name is: a name a little too long shrinks before it breaks.
    Words {
        id: natural
        visible: false
        width: title.width
        text: title.text
        readonly property bool one: alone.advanceWidth <= width
        size: one ? 48 : 42
        maximumLineCount: one ? 1 : 2
        weight: title.weight
        lineHeight: title.lineHeight

        TextMetrics {
            id: alone
            font.family: title.font.family
            font.weight: title.font.weight
            font.pixelSize: Math.round(title.least * stage.zoom)
            text: title.text
        }
    }

    Words {
        id: detail
        x: 26
        y: title.y + title.height + 4
        width: (picture.visible ? picture.x - 14 : tile.width - 26) - x
        height: (waiting.text ? waiting.y - 6 : tile.height - 14) - y
        visible: text && !(stage.larger && ["field", "answer", "no"].includes(tile.entry.kind))
        text: tile.entry.detail
        color: bridge.theme.muted
        size: 36
        least: 26
        fontSizeMode: Text.Fit
    }

    Words {
        id: waiting
        x: 26
        y: tile.height - height - tile.edge
        width: tile.width - x - (tile.roomy && tile.entry.icon ? 132 : 24)
        text: tile.entry.waiting
        color: tile.spent ? bridge.theme.muted : bridge.theme.inform
        size: 34
        least: 26
        weight: Font.DemiBold
        lineHeight: 0.92
        fontSizeMode: tile.roomy ? Text.FixedSize : Text.HorizontalFit
        maximumLineCount: tile.roomy ? 2 : 1
    }

    FieldIcon {
        id: picture
        readonly property real upper: title.y + title.height + 8
        readonly property real lower: tile.roomy ? tile.height - 16
                                                 : waiting.text ? waiting.y - 4 : tile.height - 20
        visible: tile.entry.icon !== "" && width >= 40
        width: Math.min(96, lower - upper)
        height: width
        x: tile.width - width - 26
        y: upper + (lower - upper - height) / 2
        name: tile.entry.icon
        colour: tile.spent ? bridge.theme.muted : bridge.theme.inform
    }
    Rectangle {
        visible: picture.visible && tile.entry.prefix
        x: picture.x + picture.width - width + 12
        y: picture.y + picture.height - height + 6
        width: Math.max(height, letter.implicitWidth + 16)
        height: Math.round(38 * stage.zoom)
        radius: 10
        color: bridge.theme.inform

        Text {
            id: letter
            anchors.centerIn: parent
            text: tile.entry.prefix
            font.family: bridge.theme.font
            font.pixelSize: Math.round(28 * stage.zoom)
            font.weight: Font.Bold
            color: bridge.theme.card
        }
    }
}
