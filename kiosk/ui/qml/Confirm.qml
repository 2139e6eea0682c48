// A moment to take the choice back before paper moves: the bar runs while it lasts.
import QtQuick

Item {
    id: page

    readonly property real lasts: 1000 * (bridge.screen.lasts_s ?? 0)

    Sheet {
        id: sheet
        width: parent.width
        height: Math.min(420, page.height - answers.height - 48)

        FieldIcon {
            id: icon
            x: 64
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(190, sheet.height - 120)
            height: width
            name: bridge.screen.icon ?? ""
        }
        Words {
            x: icon.x + icon.width + 56
            y: 24
            width: sheet.width - x - 40
            height: sheet.height - 80
            text: bridge.screen.caption ?? ""
            size: 50
            least: 36
            weight: Font.DemiBold
            fontSizeMode: Text.Fit
            verticalAlignment: Text.AlignVCenter
        }
        Rectangle {
            x: 40
            y: sheet.height - 44
            width: sheet.width - 80
            height: 20
            radius: 10
            color: bridge.theme.foot

            Rectangle {
                id: bar
                width: bridge.theme.moves ? 0 : parent.width
                height: parent.height
                radius: 10
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
        y: stage.portrait ? sheet.height + 56 : page.height - height
    }
}
