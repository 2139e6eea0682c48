// Lay the card on the reader and leave it there; the bar shows how much is read.
import QtQuick

Item {
    id: page

    readonly property real share: bridge.screen.share ?? 0

    Sheet {
        id: sheet
        width: parent.width
        height: Math.min(620, page.height - answers.height - 40)

        // What the words leave: the card, lifted, stays below the sheet's upper edge.
        readonly property real room: height - caption.height - bar.height - 96

        Rectangle {
            id: reader
            width: Math.min(620, sheet.width - 160, sheet.room * 0.45 / (0.72 * 0.34))
            height: Math.min(170, sheet.room * 0.5)
            radius: 36
            anchors.horizontalCenter: parent.horizontalCenter
            y: sheet.height - caption.height - bar.height - height - 96
            color: bridge.theme.rule
            border.width: 4
            border.color: bridge.theme.muted
        }

        Rectangle {
            id: card
            property real lift: page.share > 0 ? 0 : 1
            width: reader.width * 0.72
            height: width * 0.34
            radius: 24
            anchors.horizontalCenter: parent.horizontalCenter
            y: reader.y - height * (0.35 + 0.55 * lift)
            color: bridge.theme.warm
            border.width: 4
            border.color: bridge.theme.accent

            Rectangle {
                x: 36
                anchors.verticalCenter: parent.verticalCenter
                width: 84
                height: 64
                radius: 12
                color: bridge.theme.accent
            }

            SequentialAnimation on lift {
                running: bridge.theme.moves && page.share === 0
                loops: Animation.Infinite
                NumberAnimation { from: 1; to: 0; duration: 900; easing.type: Easing.OutCubic }
                PauseAnimation { duration: 1500 }
            }
        }

        Rectangle {
            id: bar
            x: 64
            y: caption.y - height - 28
            width: sheet.width - 128
            height: 24
            radius: 12
            color: bridge.theme.rule

            Rectangle {
                width: Math.max(parent.height, parent.width * page.share)
                height: parent.height
                radius: parent.radius
                visible: page.share > 0
                color: bridge.theme.inform
            }
        }

        Words {
            id: caption
            x: 40
            y: sheet.height - height - 24
            width: sheet.width - 80
            text: bridge.screen.caption ?? ""
            size: 40
            lineHeight: 0.95
            horizontalAlignment: Text.AlignHCenter
        }
    }

    Answers {
        id: answers
        width: parent.width
        tileHeight: 170
        y: sheet.height + 36
    }
}
