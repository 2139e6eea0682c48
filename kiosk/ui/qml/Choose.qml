// The fields of business, at most six tiles.
import QtQuick

Item {
    id: page

    readonly property var tiles: (bridge.screen.tiles ?? []).filter(
        tile => tile.kind === "field" || tile.kind === "more")
    readonly property real gapX: stage.portrait ? 72 : 56
    readonly property real gapY: height > 900 ? 56 : 46

    Repeater {
        model: page.tiles
        Tile {
            required property var modelData
            required property int index
            entry: modelData
            width: (page.width - page.gapX) / 2
            height: Math.min(300, (page.height - 2 * page.gapY) / 3)
            x: index % 2 * (width + page.gapX)
            y: Math.floor(index / 2) * (height + page.gapY)
        }
    }
}
