// One purpose, one question. Nothing is chosen beforehand; silence is no.
import QtQuick

Item {
    id: page

    Sheet {
        id: sheet
        width: parent.width
        height: Math.min(column.height + 72, page.height - answers.height - 44)

        Column {
            id: column
            x: 40
            y: 36
            width: sheet.width - 80
            spacing: stage.portrait ? 20 : 12

            Repeater {
                model: bridge.screen.paragraphs ?? []
                Item {
                    id: row
                    required property string modelData
                    required property int index
                    readonly property bool last: index === (bridge.screen.paragraphs ?? []).length - 1
                    width: column.width
                    height: words.height

                    Rectangle {
                        y: 12
                        width: 16
                        height: 16
                        radius: 8
                        color: row.last ? bridge.theme.inform : bridge.theme.accent
                    }
                    Words {
                        id: words
                        x: 40
                        width: row.width - 40
                        text: row.modelData
                        size: stage.portrait ? 32 : 28
                        weight: row.last ? Font.DemiBold : Font.Normal
                        color: row.last ? bridge.theme.inform : bridge.theme.ink
                    }
                }
            }
        }
    }

    Answers {
        id: answers
        width: parent.width
        tileHeight: stage.portrait ? 160 : 140
        y: page.height - height
    }
}
