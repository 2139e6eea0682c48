// When the office opens next: the time is the picture.
import QtQuick

Sheet {
    id: sheet

    readonly property var opening: bridge.screen.opening

    Column {
        anchors.centerIn: parent
        width: sheet.width - 96
        spacing: 4

        Words {
            width: parent.width
            text: sheet.opening ? sheet.opening.label : ""
            color: bridge.theme.muted
            size: 52
            horizontalAlignment: Text.AlignHCenter
        }
        Words {
            width: parent.width
            text: sheet.opening ? sheet.opening.clock : ""
            color: bridge.theme.inform
            size: 200
            weight: Font.Bold
            lineHeight: 0.95
            horizontalAlignment: Text.AlignHCenter
        }
        Words {
            width: parent.width
            text: sheet.opening ? sheet.opening.date : ""
            size: 56
            weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
