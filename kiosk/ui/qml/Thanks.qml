// Goodbye, with the number once more.
import QtQuick

Item {
    id: page

    readonly property var ticket: bridge.screen.ticket

    Sheet {
        width: parent.width
        height: Math.min(560, parent.height)

        Column {
            anchors.centerIn: parent
            spacing: 36

            CheckDisc {
                anchors.horizontalCenter: parent.horizontalCenter
                size: 180
                progress: page.ticket ? "done" : "todo"
            }
            Words {
                anchors.horizontalCenter: parent.horizontalCenter
                visible: text
                text: page.ticket ? page.ticket.number : ""
                color: bridge.theme.inform
                size: 150
                weight: Font.Bold
            }
        }
    }
}
