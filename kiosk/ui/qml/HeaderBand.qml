// The office's band: emblem, name, unit, clock.
import QtQuick
import QtQuick.Shapes

Rectangle {
    id: band

    readonly property var words: bridge.screen.header

    color: bridge.theme.band

    Rectangle {
        id: emblem
        x: 48
        anchors.verticalCenter: parent.verticalCenter
        width: 76
        height: 76
        radius: 38
        color: bridge.theme.accent
        visible: !bridge.theme.logo

        Shape {
            anchors.fill: parent
            preferredRendererType: Shape.CurveRenderer
            ShapePath {
                fillColor: bridge.theme.band
                strokeWidth: -1
                PathSvg {
                    path: "M38 15 L43.2 31 L60 31 L46.4 40.9 L51.6 57 L38 47 L24.4 57 L29.6 40.9 L16 31 L32.8 31 Z"
                }
            }
        }
    }

    Image {
        anchors.fill: emblem
        source: bridge.theme.logo
        sourceSize: Qt.size(152, 152)
        fillMode: Image.PreserveAspectFit
        visible: !emblem.visible
    }

    // Long enough that no citizen does it by chance; it asks for a PIN.
    TapHandler {
        parent: emblem.visible ? emblem : band
        longPressThreshold: 3
        onLongPressed: bridge.technicianKnock()
    }

    Column {
        x: emblem.x + emblem.width + 28
        width: clock.x - x - 32
        anchors.verticalCenter: parent.verticalCenter

        Words {
            width: parent.width
            text: band.words ? band.words.office : ""
            color: bridge.theme.on_band
            lineHeight: 0.9
            font.capitalization: Font.AllUppercase
            font.letterSpacing: 0.6
            size: 30
            fontSizeMode: Text.HorizontalFit
            maximumLineCount: 1
        }
        Words {
            width: parent.width
            text: band.words ? band.words.unit : ""
            color: bridge.theme.on_band
            size: 40
            weight: Font.DemiBold
            fontSizeMode: Text.HorizontalFit
            least: 28
            lineHeight: 0.95
            maximumLineCount: 1
        }
    }

    Column {
        id: clock
        x: parent.width - 48 - width
        width: stage.larger ? 200 : 320
        anchors.verticalCenter: parent.verticalCenter

        Words {
            width: parent.width
            horizontalAlignment: Text.AlignRight
            text: band.words ? band.words.clock : ""
            lineHeight: 0.9
            color: bridge.theme.on_band
            size: 46
            weight: Font.DemiBold
            font.features: { "tnum": 1 }
        }
        Words {
            width: parent.width
            horizontalAlignment: Text.AlignRight
            visible: !stage.larger
            text: band.words ? band.words.date : ""
            lineHeight: 0.95
            color: bridge.theme.on_band
            size: 28
        }
    }
}
