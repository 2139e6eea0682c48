// The answers to the page's question, side by side and far apart.
import QtQuick

Item {
    id: answers

    property real tileHeight: 220
    readonly property var tiles: (bridge.screen.tiles ?? []).filter(
        tile => tile.kind === "answer" || tile.kind === "no" || tile.kind === "start")
    readonly property real gap: stage.portrait ? 72 : 56

    height: tiles.length ? tileHeight : 0

    Repeater {
        model: answers.tiles
        Tile {
            required property var modelData
            required property int index
            readonly property int count: Math.max(2, answers.tiles.length)
            entry: modelData
            width: answers.tiles.length === 1 ? answers.width
                                              : (answers.width - (count - 1) * answers.gap) / count
            height: answers.tileHeight
            x: index * (width + answers.gap)
        }
    }
}
