// Everything on the screen. Positions are plain arithmetic, never layouts, so that the places of
// the targets are known as soon as they change.
import QtQuick
import Kiosk 1.0

FocusScope {
    id: stage

    required property bool portrait
    readonly property real margin: 48
    readonly property var screen: bridge.screen
    readonly property bool larger: screen.larger ?? false
    readonly property real zoom: larger ? 1.2 : 1

    Keys.onPressed: event => {
        if (event.key === Qt.Key_F12)
            bridge.technicianKnock()
        else if (technician.visible && event.key === Qt.Key_Backspace)
            bridge.technicianPress("erase")
        else if (technician.visible && event.key >= Qt.Key_0 && event.key <= Qt.Key_9)
            bridge.technicianPress(String(event.key - Qt.Key_0))
        else if (event.key >= Qt.Key_0 && event.key <= Qt.Key_9)
            stage.pickDigit(event.key - Qt.Key_0)
        else if (event.key === Qt.Key_Plus || event.key === Qt.Key_Minus)
            stage.step(event.key === Qt.Key_Plus)
    }

    onWidthChanged: stage.moved()
    onHeightChanged: stage.moved()

    function moved() {
        Qt.callLater(stage.place)
    }

    function place() {
        const found = []
        if (!technician.visible) // no hand in the air presses anything there
            stage.collect(stage, found)
        bridge.setTargets(stage.width, stage.height, found)
    }

    function collect(item, found) {
        if (!item.visible)
            return
        if (item.pickable) {
            const at = item.mapToItem(stage, 0, 0)
            found.push({
                "id": item.option, "x": at.x, "y": at.y, "width": item.width,
                "height": item.height, "grave": item.grave, "digit": item.digit
            })
        }
        for (const child of item.children)
            stage.collect(child, found)
    }

    // A numeric keypad has no Tab, and not every choice has a digit.
    function step(forward) {
        const here = stage.Window.activeFocusItem ?? stage
        here.nextItemInFocusChain(forward)?.forceActiveFocus(Qt.TabFocusReason)
    }

    // While nobody is served, any digit that means nothing else begins a visit.
    function pickDigit(digit) {
        const choices = stage.screen.tiles.concat(stage.screen.band.looks)
        const meant = choices.find(tile => tile.digit === digit)
            ?? choices.find(tile => tile.kind === "start")
        if (meant)
            bridge.pick(meant.id, "keypad")
    }

    Rectangle {
        anchors.fill: parent
        color: bridge.theme.paper
    }

    HeaderBand {
        id: header
        width: parent.width
        height: Math.round((stage.portrait ? 120 : 104) * (stage.larger ? 1.15 : 1))
    }

    PreviewItem {
        id: preview
        x: stage.margin
        y: header.height + 24
        width: !stage.portrait ? 364 : stage.larger && page.name === "consent" ? 264 : 372
        height: width
        source: bridge.previewSource

        FeedbackLine {
            anchors { left: parent.left; right: parent.right; bottom: parent.bottom; margins: 16 }
        }
    }

    AsidePanel {
        x: preview.x + preview.width + 36
        y: preview.y
        width: stage.portrait ? stage.width - stage.margin - x : heading.x + heading.width - x
        height: preview.height
    }

    Heading {
        id: heading
        brief: stage.larger && !stage.portrait && priority.visible
        x: stage.margin
        y: preview.y + preview.height + 14
        width: stage.portrait ? stage.width - 2 * stage.margin : 836
    }

    Loader {
        id: page
        objectName: "page"
        readonly property string name: stage.screen.page ?? ""

        x: stage.portrait ? stage.margin : heading.x + heading.width + 64
        y: stage.portrait ? Math.max(690, heading.y + heading.height + 20) : header.height + 24
        width: stage.width - stage.margin - x
        height: (!stage.portrait ? foot.y - 24 : priority.visible ? priority.y - 30 : countdown.y - 12) - y
        source: name ? name.charAt(0).toUpperCase() + name.slice(1) + ".qml" : ""
        onLoaded: {
            stage.moved()
            if (bridge.theme.moves)
                arrive.restart()
        }
        onXChanged: stage.moved()
        onYChanged: stage.moved()

        ParallelAnimation {
            id: arrive
            NumberAnimation {
                target: page.item
                property: "y"
                from: 36
                to: 0
                duration: 260
                easing.type: Easing.OutCubic
            }
            NumberAnimation {
                target: page
                property: "opacity"
                from: 0
                to: 1
                duration: 240
                easing.type: Easing.OutCubic
            }
        }
    }

    PriorityToggle {
        id: priority
        x: stage.margin
        y: countdown.y - height - (stage.portrait ? 12 : 16)
        width: heading.width
    }

    Countdown {
        id: countdown
        anchors.horizontalCenter: stage.portrait ? parent.horizontalCenter : heading.horizontalCenter
        y: foot.y - height - 12
    }

    BottomBand {
        id: foot
        portrait: stage.portrait
        y: stage.height - height
        width: parent.width
    }

    TechnicianSheet {
        id: technician
        anchors.fill: parent
        onVisibleChanged: stage.moved()
    }

    PointerRing {}
}
