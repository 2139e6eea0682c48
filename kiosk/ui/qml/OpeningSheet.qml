// When the office opens next: the time is the picture.
import QtQuick

Sheet {
    id: sheet

    readonly property var opening: bridge.screen.opening ?? null

    Column {
        anchors.centerIn: parent
        width: sheet.width - 96
        spacing: 12

        Words {
            width: parent.width
            text: sheet.opening ? sheet.opening.label : ""
            color: bridge.theme.muted
            size: 48
            horizontalAlignment: Text.AlignHCenter
        }
        Words {
            width: parent.width
            text: sheet.opening ? sheet.opening.clock : ""
            color: bridge.theme.inform
            size: 190
            weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            text: sheet.opening ? sheet.opening.date : ""
            size: 52
            weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            maximumLineCount: 2
        }
    }
}
