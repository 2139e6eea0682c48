// Where a person can help, when the machine cannot.
import QtQuick

Sheet {
    id: sheet

    Column {
        anchors.centerIn: parent
        width: sheet.width - 96
        spacing: 28

        HelpDesk {
            anchors.horizontalCenter: parent.horizontalCenter
            width: Math.min(260, sheet.height * 0.45)
            height: width
            colour: bridge.theme.inform
        }
        Words {
            width: parent.width
            text: bridge.screen.band ? bridge.screen.band.help : ""
            size: 52
            weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
