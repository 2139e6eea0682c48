// What the kiosk is doing while the person waits: the paper comes out as far as it really is.
import QtQuick

Item {
    id: page

    readonly property var ticket: bridge.screen.ticket
    readonly property var steps: bridge.screen.steps ?? []
    readonly property int done: steps.filter(step => step.state === "done").length

    Sheet {
        id: sheet
        width: parent.width
        height: Math.min(860, parent.height)

        Item {
            id: mouth
            y: slot.y + slot.height / 2
            width: parent.width
            height: Math.min(360, sheet.height - list.height - y - 48)
            clip: true

            Rectangle {
                id: paper
                anchors.horizontalCenter: parent.horizontalCenter
                width: 520
                height: mouth.height
                y: -height * (1 - (0.28 + 0.36 * Math.min(2, page.done)))
                color: bridge.theme.warm
                border.width: 3
                border.color: bridge.theme.rule

                Behavior on y {
                    enabled: bridge.theme.moves
                    NumberAnimation { duration: 700; easing.type: Easing.InOutQuad }
                }
                Text {
                    anchors.horizontalCenter: parent.horizontalCenter
                    y: parent.height - height - 8
                    text: page.ticket ? page.ticket.number : ""
                    font.family: bridge.theme.font
                    font.pixelSize: Math.round(mouth.height * 0.46)
                    font.weight: Font.Bold
                    color: bridge.theme.inform
                }
            }
        }
        Rectangle {
            id: slot
            anchors.horizontalCenter: parent.horizontalCenter
            y: 40
            width: 640
            height: 32
            radius: 16
            color: bridge.theme.ink
        }

        Column {
            id: list
            x: Math.max(48, (sheet.width - 760) / 2)
            y: sheet.height - height - 40
            width: sheet.width - x - 40
            spacing: 20

            Repeater {
                model: page.steps
                Row {
                    id: step
                    required property var modelData
                    readonly property bool doing: modelData.state === "doing"
                    spacing: 28
                    CheckDisc { progress: step.modelData.state; size: 72 }
                    Words {
                        width: list.width - 100
                        height: 72
                        text: step.modelData.label
                        size: 44
                        least: 40
                        weight: step.doing ? Font.Bold : Font.Normal
                        color: step.modelData.state === "todo" ? bridge.theme.muted : bridge.theme.ink
                        fontSizeMode: Text.HorizontalFit
                        maximumLineCount: 1
                        verticalAlignment: Text.AlignVCenter
                    }
                }
            }
        }
    }
}
