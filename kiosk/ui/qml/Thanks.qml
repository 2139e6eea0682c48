// Goodbye, with the number once more; without a number, where a person can help.
import QtQuick

Item {
    id: page

    readonly property var ticket: bridge.screen.ticket
    readonly property string done: bridge.screen.caption ?? ""

    Sheet {
        visible: page.ticket !== null && page.ticket !== undefined
        width: parent.width
        height: Math.min(720, parent.height - (answers.height ? answers.height + 36 : 0))

        Column {
            anchors.centerIn: parent
            width: parent.width - 96
            spacing: 8

            CheckDisc {
                anchors.horizontalCenter: parent.horizontalCenter
                size: 180
            }
            Words {
                width: parent.width
                text: page.ticket ? page.ticket.number : ""
                color: bridge.theme.inform
                size: 190
                weight: Font.Bold
                lineHeight: 0.95
                horizontalAlignment: Text.AlignHCenter
            }
            Words {
                width: parent.width
                visible: text
                text: page.ticket ? page.ticket.counter : ""
                size: 56
                weight: Font.DemiBold
                horizontalAlignment: Text.AlignHCenter
            }
        }
    }

    // Nothing was asked for but to be forgotten, and it was done.
    Sheet {
        visible: !page.ticket && page.done !== ""
        width: parent.width
        height: Math.min(620, parent.height)

        Column {
            anchors.centerIn: parent
            width: parent.width - 96
            spacing: 36

            CheckDisc {
                anchors.horizontalCenter: parent.horizontalCenter
                size: 180
            }
            Words {
                width: parent.width
                text: page.done
                size: 48
                weight: Font.DemiBold
                horizontalAlignment: Text.AlignHCenter
            }
        }
    }

    AskSheet {
        visible: !page.ticket && page.done === ""
        width: parent.width
        height: Math.min(620, parent.height)
    }

    Answers {
        id: answers
        width: parent.width
        tileHeight: stage.portrait ? 170 : 150
        y: page.height - height
    }
}
