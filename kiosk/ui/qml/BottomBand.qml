// Never changes: the ways to choose, where a person can help, the other language.
import QtQuick

Rectangle {
    id: band

    required property bool portrait
    readonly property var words: bridge.screen.band

    color: bridge.theme.foot

    Rectangle {
        width: parent.width
        height: 2
        color: bridge.theme.rule
    }

    Row {
        id: ways
        x: 48
        y: band.portrait ? 14 : (band.height - height) / 2
        spacing: band.portrait ? Math.max(16, (band.width - 96 - inner) / 2) : 36
        readonly property real inner: point.width + show.width + type.width

        Way {
            id: point
            text: band.words ? band.words.hand : ""
            HandIcon { anchors.fill: parent; raised: [false, true, false, false, false] }
        }
        Way {
            id: show
            text: band.words ? band.words.fingers : ""
            HandIcon { anchors.fill: parent; raised: [false, true, true, true, false] }
        }
        Way {
            id: type
            text: band.words ? band.words.keypad : ""
            KeypadIcon { anchors.centerIn: parent }
        }
    }

    Words {
        x: band.portrait ? 48 : ways.x + ways.width + 48
        width: language.x - x - 32
        height: band.portrait ? language.height : band.height
        y: band.portrait ? language.y : 0
        text: band.words ? band.words.help : ""
        color: bridge.theme.ink
        size: 30
        weight: Font.Medium
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: 26
        maximumLineCount: 1
        verticalAlignment: Text.AlignVCenter
        horizontalAlignment: band.portrait ? Text.AlignLeft : Text.AlignRight
    }

    Pickable {
        id: language
        option: "language"
        enabled: true
        x: band.width - width - 48
        y: band.portrait ? band.height - height - 14 : (band.height - height) / 2
        width: 248
        height: 72

        Rectangle {
            anchors.fill: parent
            radius: height / 2
            color: language.warm ? bridge.theme.warm : bridge.theme.card
            border.width: language.warm ? 6 : 2
            border.color: language.warm ? bridge.theme.accent : bridge.theme.muted
        }
        Words {
            anchors.fill: parent
            text: band.words ? band.words.looks[2].title : ""
            size: 32
            weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
        }
    }
}
