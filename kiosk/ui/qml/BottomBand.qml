// Never changes: the ways to choose, where a person can help, how the screen looks.
import QtQuick

Rectangle {
    id: band

    required property bool portrait
    readonly property var words: bridge.screen.band
    readonly property real column: portrait ? width - 96 : 836
    readonly property real wayHeight: Math.round(52 * stage.zoom)

    height: portrait ? pills.y + pills.height + 16 : Math.max(124, 2 * wayHeight + 24)
    color: bridge.theme.foot

    Rectangle {
        width: parent.width
        height: 2
        color: bridge.theme.rule
    }

    Row {
        id: ways
        x: 48
        y: 10
        spacing: Math.max(8, (band.column - point.width - show.width - type.width) / 2)

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

    HelpDesk {
        id: desk
        x: 48
        anchors.verticalCenter: help.verticalCenter
        width: 44
        height: 44
    }
    Words {
        id: help
        x: desk.x + desk.width + 14
        y: ways.y + band.wayHeight + 2
        width: band.column - desk.width - 14
        height: band.wayHeight
        text: band.words ? band.words.help : ""
        size: 34
        weight: Font.DemiBold
        fontSizeMode: Text.HorizontalFit
        maximumLineCount: 1
        verticalAlignment: Text.AlignVCenter
    }

    Row {
        id: pills
        x: band.portrait ? 48 : 48 + 836 + 64
        y: band.portrait ? help.y + help.height + 8 : (band.height - height) / 2
        spacing: 24

        Repeater {
            model: band.words ? 3 : 0 // not the tiles themselves: focus stays when words change
            LookPill {
                required property int index
                entry: band.words.looks[index]
                width: (band.width - 48 - pills.x - 2 * pills.spacing) / 3
                height: 84
            }
        }
    }
}
