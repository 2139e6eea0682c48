// A moment to take the choice back before paper moves.
import QtQuick

Item {
    id: page

    readonly property real lasts: 1000 * (bridge.screen.lasts_s ?? 0)

    Sheet {
        id: sheet
        width: parent.width
        height: Math.min(420, page.height - answers.height - 60)

        HandIcon {
            id: icon
            x: 56
            anchors.verticalCenter: parent.verticalCenter
            width: 130
            height: 154
            raised: [true, true, true, true, true]
            colour: bridge.theme.accent
        }
        Words {
            x: icon.x + icon.width + 48
            width: sheet.width - x - 40
            height: sheet.height - 60
            y: 20
            text: bridge.screen.caption ?? ""
            size: 46
            weight: Font.Medium
            fontSizeMode: Text.Fit
            minimumPixelSize: 32
            verticalAlignment: Text.AlignVCenter
        }
        Rectangle {
            x: 40
            y: sheet.height - 36
            width: sheet.width - 80
            height: 12
            radius: 6
            color: bridge.theme.foot

            Rectangle {
                id: bar
                width: bridge.theme.moves ? 0 : parent.width
                height: parent.height
                radius: 6
                color: bridge.theme.accent

                NumberAnimation on width {
                    running: bridge.theme.moves && page.lasts > 0
                    from: 0
                    to: sheet.width - 80
                    duration: page.lasts
                }
            }
        }
    }

    Answers {
        id: answers
        width: parent.width
        tileHeight: stage.portrait ? 280 : 220
        y: stage.portrait ? sheet.height + 72 : page.height - height
    }
}
