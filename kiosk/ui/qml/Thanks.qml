// Goodbye, with the number once more.
import QtQuick

Item {
    id: page

    readonly property var ticket: bridge.screen.ticket

    Sheet {
        width: parent.width
        height: Math.min(720, parent.height)

        Column {
            anchors.centerIn: parent
            spacing: 36

            CheckDisc {
                anchors.horizontalCenter: parent.horizontalCenter
                size: 200
                progress: page.ticket ? "done" : "trouble"
            }
            Words {
                anchors.horizontalCenter: parent.horizontalCenter
                visible: text
                text: page.ticket ? page.ticket.number : ""
                color: bridge.theme.inform
                size: 190
                weight: Font.Bold
            }
        }
    }
}
