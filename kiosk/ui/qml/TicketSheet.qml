// The number is the picture.
import QtQuick

Sheet {
    id: sheet

    readonly property var ticket: bridge.screen.ticket

    Words {
        id: number
        x: 48
        y: 12
        width: sheet.width - 96
        height: sheet.height * 0.42
        text: sheet.ticket ? sheet.ticket.number : ""
        color: bridge.theme.inform
        size: 250
        least: 110
        weight: Font.Bold
        fontSizeMode: Text.Fit
        wrapMode: Text.NoWrap
        verticalAlignment: Text.AlignVCenter
    }

    Rectangle {
        id: rule
        x: 48
        y: number.y + number.height + 4
        width: sheet.width - 96
        height: 2
        color: bridge.theme.rule
    }

    Column {
        x: 48
        y: rule.y + 18
        width: code.x - x - 28
        spacing: 2

        Words {
            width: parent.width
            visible: text
            text: sheet.ticket ? sheet.ticket.priority : ""
            size: 34
            weight: Font.DemiBold
            lineHeight: 0.9
        }
        Words {
            width: parent.width
            text: sheet.ticket ? sheet.ticket.field : ""
            size: 48
            weight: Font.Bold
            lineHeight: 0.9
        }
        Words {
            width: parent.width
            visible: text
            text: sheet.ticket ? sheet.ticket.counter : ""
            size: 46
        }
        Words {
            width: parent.width
            visible: text
            text: sheet.ticket ? sheet.ticket.ahead : ""
            color: bridge.theme.inform
            size: 40
            weight: Font.DemiBold
            lineHeight: 0.95
        }
    }

    Rectangle {
        anchors.fill: code
        anchors.margins: -8
        radius: 12
        color: "#FFFFFF"
    }
    Image {
        id: code
        width: Math.min(320, sheet.height - rule.y - 40)
        height: width
        x: sheet.width - width - 40
        y: rule.y + 20
        source: sheet.ticket && sheet.ticket.qr ? "image://qr/" + encodeURIComponent(sheet.ticket.qr) : ""
        smooth: false
        cache: false
    }
}
