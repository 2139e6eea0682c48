// One purpose, one question. Nothing is chosen beforehand; silence is no.
import QtQuick

Item {
    id: page

    readonly property var notes: bridge.screen.paragraphs ?? []
    // The last line is what "no" costs.
    property bool reassures: true

    Sheet {
        id: sheet
        width: parent.width
        height: Math.min(column.height + 2 * column.y, page.height - answers.height - 12)

        Column {
            id: column
            x: 32
            y: stage.portrait ? 28 : 16
            width: sheet.width - 64
            spacing: stage.portrait && !stage.larger ? 18 : 8

            Repeater {
                model: page.notes
                Item {
                    id: row
                    required property string modelData
                    required property int index
                    readonly property bool last: page.reassures && index === page.notes.length - 1
                    width: column.width
                    height: words.height

                    Rectangle {
                        y: 16
                        width: 18
                        height: 18
                        radius: 9
                        color: row.last ? bridge.theme.inform : bridge.theme.accent
                    }
                    Words {
                        id: words
                        x: 40
                        width: row.width - 40
                        text: row.modelData
                        size: stage.larger ? (stage.portrait ? 36 : 34) : 40
                        lineHeight: 0.9
                        weight: row.last ? Font.Bold : Font.Normal
                        color: row.last ? bridge.theme.inform : bridge.theme.ink
                    }
                }
            }
        }
    }

    Answers {
        id: answers
        width: parent.width
        tileHeight: stage.portrait ? 160 : stage.larger ? 108 : 124
        y: page.height - height
    }
}
