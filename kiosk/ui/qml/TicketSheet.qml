// The number is the picture.
import QtQuick

Sheet {
    id: sheet

    readonly property var ticket: bridge.screen.ticket

    Words {
        id: number
        x: 48
        y: 20
        width: sheet.width - 96
        height: sheet.height * 0.45
        text: sheet.ticket ? sheet.ticket.number : ""
        color: bridge.theme.inform
        size: 250
        weight: Font.Bold
        fontSizeMode: Text.Fit
        minimumPixelSize: 120
        wrapMode: Text.NoWrap
        verticalAlignment: Text.AlignVCenter
    }

    Rectangle {
        id: rule
        x: 48
        y: number.y + number.height + 8
        width: sheet.width - 96
        height: 2
        color: bridge.theme.rule
    }

    Column {
        x: 48
        y: rule.y + 24
        width: code.x - x - 32
        spacing: 6

        Words {
            width: parent.width
            visible: text
            text: sheet.ticket ? sheet.ticket.priority : ""
            size: 36
            weight: Font.DemiBold
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: 26
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            text: sheet.ticket ? sheet.ticket.field : ""
            size: 48
            weight: Font.DemiBold
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: 32
            maximumLineCount: 2
        }
        Words {
            width: parent.width
            visible: text
            text: sheet.ticket ? sheet.ticket.counter : ""
            size: 44
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            visible: text
            text: sheet.ticket ? sheet.ticket.ahead : ""
            color: bridge.theme.inform
            size: 36
            weight: Font.DemiBold
            maximumLineCount: 2
        }
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
