// How to hold the identity card: its square code towards the camera.
import QtQuick

Item {
    id: page

    Sheet {
        id: sheet
        width: parent.width
        height: Math.min(540, page.height - answers.height - 60)

        Rectangle {
            id: card
            width: 470
            height: 296
            radius: 24
            anchors.horizontalCenter: parent.horizontalCenter
            y: 48
            color: bridge.theme.warm
            border.width: 4
            border.color: bridge.theme.accent

            Rectangle { x: 32; y: 92; width: 112; height: 150; radius: 12; color: bridge.theme.rule }
            Repeater {
                model: [220, 160, 190]
                Rectangle {
                    required property int modelData
                    required property int index
                    x: 168
                    y: 168 + index * 32
                    width: modelData
                    height: 14
                    radius: 7
                    color: bridge.theme.rule
                }
            }
            Rectangle { x: 32; y: 34; width: 190; height: 22; radius: 11; color: bridge.theme.band }
            Rectangle {
                x: 324
                y: 28
                width: 116
                height: 116
                radius: 14
                color: bridge.theme.card
                border.width: 5
                border.color: bridge.theme.band

                Image {
                    anchors.fill: parent
                    anchors.margins: 6
                    source: "image://qr/0"
                    smooth: false
                }
            }
        }

        Words {
            x: 48
            y: card.y + card.height + 32
            width: sheet.width - 96
            height: sheet.height - y - 20
            text: bridge.screen.caption ?? ""
            color: bridge.theme.muted
            size: 34
            fontSizeMode: Text.Fit
            minimumPixelSize: 28
            horizontalAlignment: Text.AlignHCenter
        }
    }

    Answers {
        id: answers
        width: parent.width
        tileHeight: 180
        y: sheet.height + 48
    }
}
