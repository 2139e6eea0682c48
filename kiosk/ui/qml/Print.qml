// What the kiosk is doing while the person waits.
import QtQuick

Item {
    id: page

    readonly property var ticket: bridge.screen.ticket

    Sheet {
        width: parent.width
        height: Math.min(720, parent.height)

        Words {
            id: number
            width: parent.width
            y: parent.height * 0.06
            height: parent.height * 0.42
            text: page.ticket ? page.ticket.number : "· · ·"
            color: bridge.theme.inform
            size: 220
            weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
        }

        Column {
            x: 80
            y: number.y + number.height + 30
            width: parent.width - 160
            spacing: 32

            Repeater {
                model: bridge.screen.steps ?? []
                Row {
                    required property var modelData
                    spacing: 32
                    CheckDisc { progress: modelData.state; size: 72 }
                    Words {
                        height: 72
                        text: modelData.label
                        size: 42
                        weight: modelData.state === "doing" ? Font.DemiBold : Font.Normal
                        color: modelData.state === "todo" ? bridge.theme.muted : bridge.theme.ink
                        verticalAlignment: Text.AlignVCenter
                    }
                }
            }
        }
    }
}
