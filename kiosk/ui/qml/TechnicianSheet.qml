// What a technician sees, over everything else: PIN, conditions, camera, crosses to point at.
import QtQuick
import Kiosk 1.0

Rectangle {
    id: sheet

    readonly property var shown: bridge.technician
    readonly property string page: shown.page ?? "closed"
    readonly property real margin: 48
    readonly property var marks: ({"good": "✓", "absent": "–", "unknown": "?", "watch": "!", "bad": "✗"})

    visible: page !== "closed"
    color: bridge.theme.paper

    // Nothing below is reached while this is open.
    MouseArea { anchors.fill: parent }

    Words {
        id: title
        x: sheet.margin
        y: 36
        width: sheet.width - 2 * sheet.margin
        text: sheet.shown.title ?? ""
        size: 52
        weight: Font.Bold
    }
    Words {
        id: told
        x: sheet.margin
        y: title.y + title.height + 12
        width: title.width
        text: sheet.shown.told ?? ""
        size: 32
        color: bridge.theme.inform
    }

    Item {
        id: keypad
        readonly property real cell: Math.min(140, (sheet.height - 620) / 4)
        visible: sheet.page === "pin"
        anchors.horizontalCenter: parent.horizontalCenter
        y: told.y + Math.max(told.height, 48) + 120
        width: 3 * 190 + 2 * 20
        height: 4 * cell + 3 * 20

        Repeater {
            model: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase"]

            TechnicianButton {
                required property string modelData
                required property int index
                option: modelData
                label: modelData === "erase" ? "←" : modelData
                visible: modelData !== ""
                width: 190
                height: keypad.cell
                x: index % 3 * 210
                y: Math.floor(index / 3) * (keypad.cell + 20)
            }
        }
    }
    Row {
        visible: sheet.page === "pin"
        anchors.horizontalCenter: parent.horizontalCenter
        y: told.y + Math.max(told.height, 48) + 36
        spacing: 24

        Repeater {
            model: 6

            Rectangle {
                required property int index
                width: 36
                height: 36
                radius: 18
                border.width: 3
                border.color: bridge.theme.ink
                color: index < (sheet.shown.entered ?? 0) ? bridge.theme.ink : "transparent"
            }
        }
    }

    ListView {
        id: list
        objectName: "conditions"
        visible: sheet.page === "health"
        x: sheet.margin
        y: told.y + told.height + 24
        width: title.width
        height: buttons.y - 24 - y
        clip: true
        spacing: 10
        model: visible ? sheet.shown.rows : []

        delegate: Item {
            id: row
            required property var modelData
            width: list.width
            height: words.height

            Words {
                id: mark
                width: 52
                text: sheet.marks[row.modelData.mark]
                size: 34
                weight: Font.Bold
            }
            Column {
                id: words
                x: 56
                width: row.width - x

                Words {
                    width: parent.width
                    text: row.modelData.name + ": " + row.modelData.what
                    size: 28
                    weight: row.modelData.do ? Font.DemiBold : Font.Normal
                }
                Words {
                    width: parent.width
                    visible: text !== ""
                    text: row.modelData.do ? "→ " + row.modelData.do : ""
                    size: 26
                    color: bridge.theme.inform
                }
            }
        }
    }

    PreviewItem {
        visible: sheet.page === "camera" || sheet.page === "enrol"
        anchors.horizontalCenter: parent.horizontalCenter
        y: told.y + told.height + 24
        width: Math.min(title.width, buttons.y - 24 - y)
        height: width
        source: bridge.previewSource
    }

    Item {
        id: cross
        readonly property var at: sheet.shown.cross ?? null
        visible: at !== null && at !== undefined
        x: visible ? at[0] * sheet.width : 0
        y: visible ? at[1] * sheet.height : 0

        Rectangle { x: -60; y: -5; width: 120; height: 10; color: bridge.theme.band }
        Rectangle { x: -5; y: -60; width: 10; height: 120; color: bridge.theme.band }
    }

    Item {
        id: buttons
        readonly property int columns: stage.portrait ? 2 : 4
        readonly property var all: sheet.shown.buttons ?? []
        x: sheet.margin
        y: sheet.height - height - 36
        width: title.width
        height: Math.ceil(all.length / columns) * 112 - 16

        Repeater {
            model: buttons.all

            TechnicianButton {
                required property var modelData
                required property int index
                option: modelData.id
                label: modelData.label
                width: Math.floor((buttons.width - (buttons.columns - 1) * 16) / buttons.columns)
                height: 96
                x: index % buttons.columns * (width + 16)
                y: Math.floor(index / buttons.columns) * (height + 16)
            }
        }
    }
}
