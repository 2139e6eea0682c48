// How to hold the identity card: its square code towards the camera.
import QtQuick

Item {
    id: page

    Sheet {
        id: sheet
        width: parent.width
        height: Math.min(620, page.height - answers.height - 40)

        Rectangle {
            id: card
            readonly property real unit: Math.min(1.3, (sheet.height - caption.height - 96) / 296)
            property real lift: 1
            width: 470 * unit
            height: 296 * unit
            radius: 24 * unit
            anchors.horizontalCenter: parent.horizontalCenter
            y: 36 + (1 - lift) * 50
            color: bridge.theme.warm
            border.width: 4
            border.color: bridge.theme.accent

            SequentialAnimation on lift {
                running: bridge.theme.moves
                loops: Animation.Infinite
                NumberAnimation { from: 0; to: 1; duration: 900; easing.type: Easing.OutCubic }
                PauseAnimation { duration: 1800 }
            }

            Rectangle { x: 32 * card.unit; y: 92 * card.unit; width: 112 * card.unit; height: 150 * card.unit; radius: 12; color: bridge.theme.rule }
            Repeater {
                model: [220, 160, 190]
                Rectangle {
                    required property int modelData
                    required property int index
                    x: 168 * card.unit
                    y: (168 + index * 32) * card.unit
                    width: modelData * card.unit
                    height: 14 * card.unit
                    radius: height / 2
                    color: bridge.theme.rule
                }
            }
            Rectangle { x: 32 * card.unit; y: 34 * card.unit; width: 190 * card.unit; height: 22 * card.unit; radius: height / 2; color: bridge.theme.band }
            Rectangle {
                x: 324 * card.unit
                y: 28 * card.unit
                width: 116 * card.unit
                height: width
                radius: 14
                color: "#FFFFFF"
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
